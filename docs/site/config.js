// The site's menus. `deno task docs` copies this file, the guides and the pages of the API together, and builds them.
import api from "./api.json" with { type: "json" };

const guides = [
  {
    text: "Begin",
    items: [
      { text: "Start here", link: "/start" },
      { text: "Read a verdict", link: "/verdict" },
      { text: "A network on digits", link: "/tutorial" },
      { text: "Examples", link: "/examples" },
    ],
  },
  {
    text: "Use",
    items: [
      { text: "Promises", link: "/promises" },
      { text: "Data", link: "/data" },
      { text: "Models", link: "/models" },
      { text: "Training", link: "/training" },
      { text: "Policies", link: "/policies" },
      { text: "Monitoring", link: "/monitoring" },
      { text: "Bounds", link: "/bounds" },
      { text: "Certificates", link: "/certificates" },
      { text: "GPU", link: "/gpu" },
      { text: "Command line", link: "/command_line" },
      { text: "From the Python toolkit", link: "/from_toolkit" },
    ],
  },
  {
    text: "Understand",
    items: [
      { text: "What is guaranteed", link: "/guarantee" },
      { text: "How it works inside", link: "/inside" },
      { text: "Adding to the kit", link: "/extending" },
      { text: "What experiments found", link: "/found" },
      { text: "Speed, power, bounds", link: "/bench" },
      { text: "Numerical accuracy", link: "/accuracy" },
      { text: "Damaged tables", link: "/damages" },
    ],
  },
];

const apiMenu = { text: "API", items: api.map(({ name, title }) => ({ text: title, link: `/api/${name}` })) };

// Wide enough for a verdict; code does not get the colour of links.
const style = `
:root { --vp-code-color: inherit; --vp-code-font-size: 0.85em; --vp-layout-max-width: 1500px; }
.VPDoc .content-container { max-width: 900px !important; }
.vp-doc div[class*="language-"] pre code { white-space: pre-wrap; width: auto; }
.vp-doc :not(pre, h1, h2, h3) > code { overflow-wrap: anywhere; }
.vp-doc table { scrollbar-width: thin; }
.dark .vp-doc img { background: #fff; border-radius: 8px; }
.vp-doc div[class*="language-"] code { font-size: 13px; }
@media (max-width: 640px) { .vp-doc :is(td, th) { padding: 6px 8px; } }
`;

export default {
  title: "Seldonian kit",
  description: "Machine learning that keeps a promise",
  head: [["style", {}, style], ["link", { rel: "icon", href: "data:," }]],
  // Comments and guides are Markdown without HTML: `<T>` is a type parameter.
  markdown: { html: false, theme: { light: "github-light", dark: "github-dark" } },
  vite: { build: { chunkSizeWarningLimit: 5000 } },
  themeConfig: {
    search: { provider: "local", options: { miniSearch: { searchOptions: { boost: { title: 4, text: 1, titles: 2 } } } } },
    nav: [
      { text: "Start", link: "/start" },
      { text: "Verdicts", link: "/verdict" },
      { text: "API", link: "/api/training" },
    ],
    sidebar: [...guides, apiMenu],
    outline: { level: [2, 3] },
    docFooter: { prev: false, next: false },
  },
};
