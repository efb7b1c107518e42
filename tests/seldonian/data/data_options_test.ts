import { test } from "node:test";
import {
  constraint,
  csv,
  csvTables,
  DataSet,
  DataStream,
  describe,
  Encoder,
  explain,
  parquetTables,
  prepare,
  readArrow,
  readCsv,
  readNpz,
  readParquet,
  readTable,
  split,
  splitTables,
  Table,
  toolkitTable,
  where,
} from "../../../mod.ts";
import { jsonLines } from "../../../seldonian/formats/json_lines.ts";
import { checkForeign, checkMisspelt, loose, type Reader } from "../../helpers/misspelt.ts";

/** Reads the first piece. */
async function first(pieces: AsyncIterable<unknown>): Promise<void> {
  for await (const _ of pieces) return;
}

const text = "x,sex,y\n1,a,0\n2,b,1\n3,a,1\n4,b,0\n", bytes = new TextEncoder().encode(text), table = csv(text);
const cells = "decimal, thousands, missingValues, text, trim, replace";
const ofCsv = `${cells}, header, separator, skipLines, file, limits`;
const encoding = "label, features, exclude, groups, exclusive, clusters, columns, standardise, missing, maxLevels";
const tables = csvTables(() => new Blob([text]).stream()), data = new DataSet({ features: [[1], [2]], labels: [0, 1] });

const readers: Reader[] = [
  ["csv()", ofCsv, (o) => csv(text, o)],
  ["readCsv()", `${ofCsv}, encoding`, (o) => readCsv(new Blob([text]).stream(), o)],
  ["csvTables()", `${ofCsv}, encoding, rows`, (o) => csvTables(() => new Blob([text]).stream(), o)],
  ["Table.from()", cells, (o) => Table.from([{ x: 1, y: "a" }], o)],
  ["prepare()", `${encoding}, safetyFraction, seed, stratify, groupBy`, (o) => prepare(table, { label: "y", ...o })],
  ["new Encoder()", encoding, (o) => new Encoder(table, { label: "y", ...o })],
  ["a group", "column, is", (o) => prepare(table, { label: "y", groups: { A: { column: "sex", is: "a", ...o } } })],
  ["splitTables()", "safetyFraction, seed, groups", (o) => splitTables(tables, o)],
  [
    "new DataSet()",
    "features, items, labels, columns, exclusive, clusters",
    (o) => new DataSet(loose({ features: [[1], [2]], ...o })),
  ],
  ["constraint()", "measures", (o) => constraint("ACC >= 0.9", o)],
  ["Encoder.fit()", encoding, (o) => Encoder.fit(tables, { label: "y", ...o })],
  ["readParquet()", "", (o) => readParquet(bytes, o)],
  ["parquetTables()", "", (o) => parquetTables(bytes, o)],
  ["readArrow()", "", (o) => readArrow(bytes, o)],
  ["readNpz()", "limits", (o) => readNpz(bytes, o)],
  ["jsonLines()", "text, file, limits", (o) => jsonLines('{"x":1}', o)],
];

test("an option of data with one misspelling is refused, and the error suggests the right one", () => checkMisspelt(readers));

test("for every value of every option of data, an error comes from the kit", () =>
  checkForeign([...readers, ["describe()", encoding, (o) => describe(table, loose({ label: "y", ...o }))]]));

test("for every value of every argument of data, an error comes from the kit", () =>
  checkForeign([
    ["csv()", "text", ({ text }) => csv(loose(text))],
    ["csv()", "options", ({ options }) => csv(text, loose(options))],
    ["readCsv()", "source", ({ source }) => readCsv(loose(source))],
    ["csvTables()", "open", ({ open }) => first(csvTables(loose(open))())],
    ["Table.from()", "records", ({ records }) => Table.from(loose(records))],
    ["new Table()", "columns", ({ columns }) => new Table(loose(columns))],
    ["take()", "rows", ({ rows }) => table.take(loose(rows))],
    ["column()", "name", ({ name }) => table.column(loose(name))],
    ["clustered()", "ids", ({ ids }) => table.clustered(loose(ids))],
    ["prepare()", "table", ({ table }) => prepare(loose(table), { label: "y" })],
    ["prepare()", "options", ({ options }) => prepare(table, loose(options))],
    ["describe()", "table", ({ table }) => describe(loose(table))],
    ["new Encoder()", "table", ({ table }) => new Encoder(loose(table), { label: "y" })],
    ["new Encoder()", "encoding", ({ encoding }) => new Encoder(table, loose(encoding))],
    ["encode()", "table", ({ other }) => new Encoder(table, { label: "y" }).encode(loose(other))],
    ["features()", "table", ({ other }) => new Encoder(table, { label: "y" }).features(loose(other))],
    ["splitTables()", "tables", ({ tables }) => first(splitTables(loose(tables)).safety())],
    ["splitTables()", "options", ({ options }) => splitTables(tables, loose(options))],
    ["new DataSet()", "parts", ({ parts }) => new DataSet(loose(parts))],
    ["take()", "rows", ({ rows }) => data.take(loose(rows))],
    ["at()", "rows", ({ rows }) => data.at(loose(rows))],
    ["clustered()", "ids", ({ ids }) => data.clustered(loose(ids))],
    ["DataStream.open()", "pieces", ({ pieces }) => DataStream.open(loose(pieces))],
    ["readTable()", "file", ({ file }) => readTable(loose(file))],
    ["readTable()", "options", ({ options }) => readTable(bytes, loose(options))],
    ["jsonLines()", "text", ({ text }) => jsonLines(loose(text))],
    ["toolkitTable()", "data", ({ data }) => toolkitTable(loose(data), "{}")],
    ["toolkitTable()", "metadata", ({ metadata }) => toolkitTable("1\n", loose(metadata))],
    ["split()", "table", ({ table }) => split(loose(table))],
    ["constraint()", "text", ({ text }) => constraint(loose(text))],
    ["where()", "text", ({ text }) => where(loose(text))],
    ["explain()", "report", ({ report }) => explain(loose(report))],
  ]));
