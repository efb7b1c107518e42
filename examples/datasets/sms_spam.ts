import compressed from "./sms_spam.txt.gz" with { type: "bytes" };

/** A text message: its words, as stems in lower case and without the most common ones, and whether it is spam. */
export interface Message {
  words: string[];
  spam: boolean;
}

/**
 * 5,571 text messages in English, 747 of them spam, as word stems: the SMS Spam Collection, in the form that the package
 * spam-detection 1.0.3 ships. Source: T. Almeida and J. M. Gómez Hidalgo, "SMS Spam Collection", UCI Machine Learning Repository
 * (2011), doi 10.24432/C5CC84, CC BY 4.0.
 */
export async function smsSpam(): Promise<Message[]> {
  const text = new Response(new Blob([new Uint8Array(compressed)]).stream().pipeThrough(new DecompressionStream("gzip"))).text();
  return (await text).trimEnd().split("\n").map((line) => {
    const [label, words] = line.split("\t");
    return { words: words.split(" ").filter((word) => word !== ""), spam: label === "spam" };
  });
}
