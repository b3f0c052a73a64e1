/** Which objects of a list are meant. */
export interface ListFilter {
  /** `last_updated` at or after this, ms since the epoch (P-02). */
  readonly from?: number;
  /** `last_updated` before this, ms since the epoch (P-03). */
  readonly to?: number;
  /** Party keys of the owners whose objects the caller may see; undefined = all. */
  readonly owners?: readonly string[];
}

export interface ListQuery extends ListFilter {
  readonly offset: number;
  readonly limit: number;
  /** Continue behind this row; wins over `offset`. */
  readonly position?: number;
}

export interface ListPage {
  /** The documents as they are stored, joined by commas, without brackets; UTF-8. */
  readonly body: Buffer;
  readonly count: number;
  /** Row of the last object on the page; what the next page starts behind. */
  readonly lastId: number;
  /** Whether objects follow. */
  readonly more: boolean;
  readonly validity: PageValidity;
}

/** What a page was made from, so that it can be known to be still right. */
export interface PageValidity {
  readonly version: number;
  readonly removals: number;
  readonly firstChunk: number;
  /** Infinity: any change may concern this page. */
  readonly lastChunk: number;
}

/** Read side of one kind of stored documents in creation order, the same for every database. */
export interface DocumentList {
  page(query: ListQuery): Promise<ListPage>;
  /** How many objects match, over all pages (P-09). */
  total(filter: ListFilter): Promise<number>;
  /** Moves with every change; what was counted under one version holds as long as it stands. */
  version(): number;
  isCurrent(validity: PageValidity): boolean;
}
