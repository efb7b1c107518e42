import { createHash } from "node:crypto";

const style = `
:root { color-scheme: light dark; --text: light-dark(#1c2026, #e7e9ec); --muted: light-dark(#59616c, #a2aab5);
  --surface: light-dark(#fff, #1a1d22); --line: light-dark(#e4e5e8, #2c3138); --accent: light-dark(#3451b2, #a9b8ff);
  --band: light-dark(#c9d3f5, #2f3a63); --wrong: light-dark(#b3261e, #ff9a91); --right: light-dark(#1b6e3c, #7fd6a0); }
* { box-sizing: border-box; }
body { margin: 0 auto; max-width: 60rem; padding: 1.5rem 1rem 4rem; font: 1rem/1.5 system-ui, sans-serif; color: var(--text);
  background: light-dark(#f7f7f5, #121417); }
h1 { font-size: 1.6rem; margin: 0 0 .25rem; } h2 { font-size: 1.1rem; margin: 0; overflow-wrap: anywhere; } p { margin: .25rem 0; }
section, form { background: var(--surface); border: 1px solid var(--line); border-radius: .75rem; padding: 1rem; margin-top: 1rem; }
figure { margin: .75rem 0 0; } figcaption, .muted { color: var(--muted); font-size: .9rem; overflow-wrap: anywhere; }
svg { display: block; width: 100%; height: auto; } svg text { fill: var(--muted); font-size: 12px; }
.band { fill: var(--band); } .value { fill: none; stroke: var(--accent); stroke-width: 2; }
.limit { stroke: var(--wrong); stroke-width: 1.5; stroke-dasharray: 6 4; } .rang { stroke: var(--wrong); stroke-width: 2; }
.axis { stroke: var(--line); } .wrong { color: var(--wrong); font-weight: 600; } .right { color: var(--right); font-weight: 600; }
table { border-collapse: collapse; margin-top: .75rem; } th, td { text-align: left; padding: .2rem 1.5rem .2rem 0; font-weight: 400; }
th { color: var(--muted); } td + td { text-align: right; font-variant-numeric: tabular-nums; }
input, button { font: inherit; padding: .4rem .6rem; border: 1px solid var(--muted); border-radius: .4rem; background: inherit; color: inherit; }
`;

const script = `
const $ = (id) => document.getElementById(id), svgName = "http://www.w3.org/2000/svg";
const make = (name, content, of = {}) => {
  const one = document.createElement(name);
  if (content !== undefined) one.append(...[content].flat());
  return Object.assign(one, of);
};
const draw = (name, of, text) => {
  const one = document.createElementNS(svgName, name);
  for (const [key, value] of Object.entries(of)) one.setAttribute(key, value);
  if (text !== undefined) one.textContent = text;
  return one;
};
const short = (x) => typeof x === "number" ? Number(x.toPrecision(4)).toLocaleString("en", { maximumSignificantDigits: 4 }) : String(x ?? "unknown");
const count = (n) => n.toLocaleString("en");

function chart(points, alarm, label) {
  const width = Math.max(280, Math.min(720, document.documentElement.clientWidth - 64)), height = 240, left = 72, right = 12, top = 12, bottom = 34;
  const finite = points.filter((p) => [p.value, p.lower, p.upper].every(Number.isFinite));
  if (finite.length < 2) return make("p", "The figure begins with a few outcomes of every group.", { className: "muted" });
  const last = finite.at(-1).outcomes;
  // The first outcomes say little, and their width would hide what is later.
  const seen = finite.filter((p) => p.outcomes >= last / 50), ends = seen.flatMap((p) => [p.lower, p.upper]);
  const low = Math.min(0, ...ends), high = Math.max(0, ...ends), room = 0.05 * (high - low || 1);
  const x = (n) => left + (width - left - right) * n / last;
  const y = (g) => top + (height - top - bottom) * (high + room - Math.min(high, Math.max(low, g))) / (high - low + 2 * room);
  const svg = draw("svg", { viewBox: "0 0 " + width + " " + height, role: "img", "aria-label": label });
  const at = (key) => finite.map((p) => x(p.outcomes).toFixed(1) + "," + y(p[key]).toFixed(1));
  svg.append(draw("polygon", { class: "band", points: [...at("upper"), ...at("lower").reverse()].join(" ") }));
  svg.append(draw("polyline", { class: "value", points: at("value").join(" ") }));
  svg.append(draw("line", { class: "limit", x1: left, x2: width - right, y1: y(0), y2: y(0) }));
  svg.append(draw("line", { class: "axis", x1: left, x2: left, y1: top, y2: height - bottom }));
  svg.append(draw("line", { class: "axis", x1: left, x2: width - right, y1: height - bottom, y2: height - bottom }));
  for (const g of new Set([low, 0, high])) {
    if (g !== 0 && Math.abs(y(g) - y(0)) < 14) continue;
    svg.append(draw("text", { x: left - 8, y: y(g) + 4, "text-anchor": "end" }, short(g)));
  }
  for (const [n, anchor] of [[0, "start"], [Math.round(last / 2), "middle"], [last, "end"]]) {
    svg.append(draw("text", { x: x(n), y: height - bottom + 16, "text-anchor": anchor }, count(n)));
  }
  svg.append(draw("text", { x: (left + width - right) / 2, y: height - 4, "text-anchor": "middle" }, "outcomes"));
  if (alarm !== null) svg.append(draw("line", { class: "rang", x1: x(alarm.outcome), x2: x(alarm.outcome), y1: top, y2: height - bottom }));
  return svg;
}

function show({ verdict, monitor, history, certificate }) {
  const rang = monitor.alarm;
  $("state").replaceChildren(
    rang === null ? make("span", "No alarm", { className: "right" }) : make("span", "Alarm at outcome " + count(rang.outcome), { className: "wrong" }),
    " after " + count(monitor.outcomes) + " outcomes" + (monitor.corrections > 0 ? ", " + count(monitor.corrections) + " of them corrected" : "") +
      ". An alarm is ever false with probability " + monitor.alpha + " at most.",
  );
  $("certificate").textContent = "Certified on " + count(certificate.data.rows) + " rows of safety data: the test " +
    (verdict.passed ? "passed" : "failed") + ". Model " + certificate.model.sha256.slice(0, 12) + ", certificate " + certificate.sha256.slice(0, 12) + ".";
  const moved = monitor.drift.filter(({ errors }) => errors > 4).map(({ name, before, now }) => name + " was " + short(before) + ", and is " + short(now) + " of late");
  $("drift").textContent = moved.length === 0 ? "" : "A hint, without a promise: " + moved.join("; ") + ".";
  let place = 0;
  $("promises").replaceChildren(...monitor.promises.map((promise) => {
    const section = make("section", [make("h2", promise.text), make("p", promise.alarm === null
      ? [make("span", "No alarm", { className: "right" }), ", evidence " + short(promise.shared) + "; an alarm rings at " + short(1 / monitor.alpha)]
      : [make("span", "Broken", { className: "wrong" }), ": alarm at outcome " + count(promise.alarm.outcome) +
        (promise.formulas.every(({ value }) => value <= 0) ? ". It was broken for a while before that; over all outcomes it is kept." : "")])]);
    for (const formula of promise.formulas) {
      const mine = place++, points = history.map(({ outcomes, formulas }) => ({ outcomes, ...formulas[mine] }));
      const words = formula.text + " is " + short(formula.value) + ", between " + short(formula.lower) + " and " + short(formula.upper) +
        "; above 0 the promise is broken";
      section.append(make("figure", [chart(points, promise.alarm, words), make("figcaption", words)]));
    }
    const rows = promise.measures.map(({ name, n, mean }) => make("tr", [make("td", name), make("td", short(mean)), make("td", count(n))]));
    section.append(make("table", [make("thead", make("tr", ["measure", "mean", "outcomes"].map((text) => make("th", text, { scope: "col" })))), make("tbody", rows)]));
    return section;
  }));
}

let key = "";
async function look() {
  try {
    const answer = await fetch("promises", { headers: key === "" ? {} : { authorization: "Bearer " + key } });
    $("login").hidden = answer.status !== 401;
    if (answer.status === 401) $("state").textContent = key === "" ? "The server wants its API key." : "This is not the API key.";
    else if (answer.ok) show(await answer.json());
    else $("state").textContent = (await answer.json()).detail;
  } catch {
    $("state").textContent = "The server does not answer.";
  }
}
$("login").addEventListener("submit", (event) => { event.preventDefault(); key = $("key").value; look(); });
look();
setInterval(look, 5000);
`;

const html = `<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><title>The promise at work</title>
<style>${style}</style></head>
<body>
<header><h1>The promise at work</h1><p id="state" role="status">Reading…</p><p id="drift"></p><p id="certificate" class="muted"></p></header>
<form id="login" hidden><label>API key <input id="key" type="password" autocomplete="off"></label> <button>Show</button></form>
<main id="promises"></main>
<script>${script}</script>
</body>
</html>
`;

/** A page that draws the monitor from `GET /promises`, and a policy that allows it nothing else. */
export function dashboard(): { html: string; policy: string } {
  const hash = (text: string) => `'sha256-${createHash("sha256").update(text).digest("base64")}'`;
  const policy = "default-src 'none'; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; " +
    `style-src ${hash(style)}; script-src ${hash(script)}`;
  return { html, policy };
}
