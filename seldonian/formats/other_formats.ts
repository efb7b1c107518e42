/** An unsupported format. */
export interface OtherFormat {
  /** The possible beginnings of its files, one letter a byte. */
  begins: readonly string[];
  /** The place of these letters, if not the beginning. */
  at?: number;
  /** Further contents near the beginning. */
  holds?: string;
  /** Whether the beginning could also be text, which these files are not. */
  binary?: boolean;
  /** A name for "it is …". */
  is: string;
  /** A way to a supported format. */
  cure: string;
}

const zip = ["PK\x03\x04", "PK\x05\x06"], unpack = "unpack it first";
const sheet = "save the sheet as CSV (UTF-8)",
  parquet = "write the table as Parquet",
  frame = "write the data frame by write.csv()";

/** The first match counts. */
export const otherFormats: readonly OtherFormat[] = [
  { begins: zip, holds: "xl/", is: "an Excel workbook", cure: sheet },
  { begins: zip, holds: "opendocument.spreadsheet", is: "an OpenDocument spreadsheet", cure: sheet },
  { begins: zip, holds: "Index/", is: "a Numbers spreadsheet", cure: sheet },
  { begins: zip, holds: ".npy", is: "an .npz file of NumPy", cure: "read it with readNpz(); here a table is wanted" },
  { begins: zip, is: "a zip archive", cure: unpack },
  { begins: ["\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"], is: "an Excel workbook of before 2007, or another Office file", cure: sheet },
  { begins: ["\x1f\x8b"], is: "packed by gzip", cure: unpack },
  { begins: ["1AY&SY", "\x17rE8P\x90"], at: 4, binary: true, is: "packed by bzip2", cure: unpack },
  { begins: ["\xfd7zXZ\0"], is: "packed by xz", cure: unpack },
  { begins: ["\x28\xb5\x2f\xfd"], is: "packed by Zstandard", cure: unpack },
  { begins: ["\x04\x22\x4d\x18"], is: "packed by LZ4", cure: unpack },
  { begins: ["7z\xbc\xaf\x27\x1c"], is: "a 7z archive", cure: unpack },
  { begins: ["Rar!\x1a\x07"], is: "a RAR archive", cure: unpack },
  { begins: ["ustar"], at: 257, binary: true, is: "a tar archive", cure: unpack },
  {
    begins: ["FEA1"],
    binary: true,
    is: "a Feather file of version 1",
    cure: "write it as version 2, as pyarrow does by default",
  },
  { begins: ["PARE"], binary: true, is: "an encrypted Parquet file", cure: "write it without encryption" },
  { begins: ["ORC"], binary: true, is: "an ORC file", cure: parquet },
  { begins: ["Obj\x01"], is: "an Avro file", cure: parquet },
  { begins: ["SQLite format 3\0"], is: "an SQLite database", cure: "export the table as CSV: sqlite3 -header -csv" },
  { begins: ["DUCK"], at: 8, binary: true, is: "a DuckDB database", cure: parquet },
  { begins: ["\x89HDF\r\n\x1a\n"], is: "an HDF5 file", cure: parquet },
  { begins: ["\x80\x02", "\x80\x03", "\x80\x04", "\x80\x05"], is: "a pickle of Python", cure: parquet },
  { begins: ["\x93NUMPY"], is: "an array of NumPy", cure: "read it with readNpy(); here a table is wanted" },
  { begins: ["RDX2\n", "RDX3\n", "RDA2\n", "RDA3\n"], is: "an .RData file of R", cure: frame },
  { begins: ["X\n\0\0\0"], is: "an .rds file of R", cure: frame },
  { begins: ["$FL2@(#)", "$FL3@(#)"], is: "an SPSS file", cure: "save it as CSV (UTF-8)" },
  { begins: ["<stata_dta>"], is: "a Stata file", cure: "save it as CSV, by export delimited" },
  {
    begins: ["q", "r", "s"].flatMap((version) => [`${version}\x01\x01\0`, `${version}\x02\x01\0`]),
    is: "a Stata file",
    cure: "save it as CSV, by export delimited",
  },
  {
    begins: [`${"\0".repeat(12)}\xc2\xea\x81\x60`, "HEADER RECORD*******LIB"],
    is: "a SAS file",
    cure: "save it as CSV, by proc export",
  },
  { begins: ["MATLAB 5.0 MAT-file", "MATLAB 7.3 MAT-file"], is: "a MATLAB file", cure: "save the table as CSV, by writetable()" },
  { begins: ["%PDF-"], is: "a PDF document", cure: "copy its table into a spreadsheet, and save that as CSV (UTF-8)" },
  {
    begins: ["\x89PNG\r\n", "\xff\xd8\xff", "GIF87a", "GIF89a", "II*\0", "MM\0*"],
    is: "an image",
    cure: "a table is wanted here",
  },
  { begins: ["WEBP"], at: 8, binary: true, is: "an image", cure: "a table is wanted here" },
  {
    begins: ["version https://git-lfs.github.com/"],
    is: "a pointer of Git LFS to the file",
    cure: "download the file by git lfs pull",
  },
];
