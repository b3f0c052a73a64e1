/** Tells a measured figure, on standard output: for whoever reads the run, and never judged. */
export const report = (text: string): void => {
  process.stdout.write(`    ${text}\n`);
};
