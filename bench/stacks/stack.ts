export type StackName = 'sqlite' | 'postgres';

/** What a hub keeps its data in and its wake-ups go through. */
export interface Stack {
  readonly name: StackName;
  /** Settings of a hub that begins with nothing stored. */
  fresh(): Promise<Readonly<Record<string, string>>>;
  close(): Promise<void>;
}

/** One file and the embedded queue: what a hub takes unless told otherwise. */
export const embeddedStack: Stack = {
  name: 'sqlite',
  fresh: async () => ({}),
  close: async () => undefined,
};
