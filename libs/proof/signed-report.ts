/** The seal of a month's report: a signed note over the SHA-256 of its canonical JSON, by the key that signs checkpoints. */
import type { KeyObject } from 'node:crypto';
import type { MonthReport } from '#domain/periods/month-report.js';
import { openNote, signNote } from './checkpoint.js';
import { reportDigest } from './month-figures.js';
import { NotABook } from './not-a-book.js';
import { Wrong } from './wrong.js';

export interface SignedReport {
  /** Hex. */
  readonly sha256: string;
  readonly note: string;
}

const bodyOf = (origin: string, { month, revision }: MonthReport, sha256: string): string =>
  `${origin}/periods/${month}\n${revision}\n${sha256}\n`;

/** `origin`: of the tenant's checkpoints. */
export const signedReport = (
  report: MonthReport,
  origin: string,
  key: { readonly private: KeyObject; readonly public: KeyObject },
): SignedReport => {
  const sha256 = reportDigest(report);
  return { sha256, note: signNote(origin, bodyOf(origin, report, sha256), key) };
};

/** What `GET /v1/periods/{month}` answered. */
interface ReportFile extends SignedReport {
  readonly report: MonthReport;
  readonly public_key: string;
}

const readFile = (text: string): ReportFile => {
  let file: Partial<ReportFile> | null = null;
  try {
    file = JSON.parse(text) as Partial<ReportFile> | null;
  } catch {
    // Told below.
  }
  const { report, sha256, note, public_key } = file ?? {};
  const isOne =
    typeof report === 'object' && [sha256, note, public_key, report?.month].every((one) => typeof one === 'string');
  if (!isOne) throw new NotABook('This is no report of a month, as GET /v1/periods/{month} answers it.');
  return file as ReportFile;
};

/**
 * The report of a file whose seal is whole, and its digest. `key`: a verifier key that must have signed it; without it, the one
 * that the file names. Throws `Wrong`, or `NotABook` where it is no report.
 */
export const openReport = (
  text: string,
  origin: string,
  key?: string,
): { readonly report: MonthReport; readonly sha256: string } => {
  const { report, sha256, note, public_key } = readFile(text);
  const due = reportDigest(report);
  if (due !== sha256) throw new Wrong(null, `the report of ${report.month} is not the one whose SHA-256 it names`);
  const signer = key ?? public_key;
  const said = openNote(note, signer);
  if (said === null) throw new Wrong(null, `the report of ${report.month} is not signed by ${signer}`);
  if (said !== bodyOf(origin, report, due))
    throw new Wrong(null, `what is signed is not the report of ${report.month}`);
  return { report, sha256 };
};
