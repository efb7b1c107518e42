import { readFileSync } from "node:fs";
import { csv, DataSet, Tensor } from "../../mod.ts";

const exams = [
  ...["Physics", "Biology", "History", "Second_Language", "Geography"],
  ...["Literature", "Portuguese_and_Essay", "Math", "Chemistry"],
];

/**
 * 43,303 students in Brazil: nine entrance exams, standardised, to predict whether the mean of their grades will be 3 or more.
 * Groups are men, M, and women, F.
 * Source: B. Castro da Silva, "UFRGS Entrance Exam and GPA Data", Harvard Dataverse (2019), DOI 10.7910/DVN/O35FW8, as in the
 * Python toolkit's gpa_regression_dataset.csv. It is not included.
 */
export function gpa(file: string = "gpa_regression_dataset.csv"): DataSet {
  const table = csv(readFileSync(file, "utf8"), { file, header: ["M", "F", ...exams, "GPA"] });
  const scores = exams.map((name) => standardised(table.numbers(name)));
  return new DataSet({
    features: Tensor.from(Float32Array.from({ length: 9 * table.size }, (_, i) => scores[i % 9][Math.floor(i / 9)]), [
      table.size,
      9,
    ]),
    labels: Array.from(table.numbers("GPA"), (mean) => Number(mean >= 3)),
    columns: { M: table.numbers("M"), F: table.numbers("F") },
    exclusive: [["M", "F"]],
  });
}

/** Mean 0, standard deviation 1. */
function standardised(values: ArrayLike<number>): number[] {
  const all = Array.from(values), mean = (of: number[]) => of.reduce((sum, x) => sum + x, 0) / of.length;
  const centre = mean(all), deviation = Math.sqrt(mean(all.map((x) => (x - centre) ** 2)));
  return all.map((x) => (x - centre) / deviation);
}
