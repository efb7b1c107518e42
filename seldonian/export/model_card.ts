import { checkArgument, checkOptions, type Kind } from "../../autodiff/options.ts";
import type { Module } from "../../nn/module.ts";
import type { Certificate, CertificateParts } from "../report/certificate.ts";
import { NoSolution, Passed } from "../report/result.ts";
import { readRetest } from "../monitoring/retest_certificate.ts";
import { type CardOptions, cardOptions, type ModelCard } from "./card.ts";
import { factsOf } from "./card_facts.ts";
import { cardPage } from "./card_page.ts";
import { sealedCertificate, testedReports } from "../report/found_in.ts";

const given: Kind = {
  type: "object",
  wanted: "a certificate, or a result of train()",
  holds: (value) => value !== null,
};

/**
 * A model card made of a certificate: what the model decides, its promises with verdicts and bounds, the data, and the limits. The
 * author's words are added as they are. It repeats no test: `verify()` does.
 * @param of a certificate or its JSON; or a result that passed
 * @param about what only the author can say
 * @throws {TypeError} for a result without a model, and an option that does not exist
 * @throws {RangeError} for a certificate that was changed, or whose reports are of other promises than it tests, and a result of another
 * test
 */
export async function modelCard(
  of: Certificate | CertificateParts | Passed<Module>,
  about: CardOptions = {},
): Promise<ModelCard> {
  checkOptions("make a model card", about, cardOptions);
  checkArgument("make a model card", "it", of, given);
  if (of as unknown instanceof NoSolution) {
    throw new TypeError("Cannot make a model card of a result without a solution: there is no model to describe");
  }
  const isResult = of instanceof Passed, certificate = await sealedCertificate(isResult ? await of.certificate() : of);
  const reports = testedReports(certificate), type = isResult ? of.model.constructor.name : undefined;
  const again = about.retest === undefined ? undefined : await readRetest(about.retest);
  const json = factsOf(certificate, reports, about, { result: isResult ? of : about.result, type, retest: again });
  return { json, html: await cardPage(json, reports) };
}
