export interface SourceFile {
  readonly file: string;
  readonly text: string;
}
export function sourceFiles(root: string): SourceFile[];
export const FILE_CHECKS: Readonly<Record<string, (file: SourceFile) => string[]>>;
export function deadReferences(root: string, page: string): string[];
export function packageProblems(root: string): string[];
