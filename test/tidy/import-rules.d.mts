export const LIBRARIES: Readonly<Record<string, readonly string[]>>;
export const PROJECTIONS: readonly string[];
export const APPS_OF_APPS: readonly string[];
export function brokenImports(root: string): Promise<string[]>;
