/** Form of the records, moved when a consumer would have to change something. */
export const schemaVersion = '1.0';

/**
 * What a file holds: `locations` all records of a partition, `delta` what became of the previous version, `points` and `connectors` the
 * whole in forms for other tools.
 */
export type ExportKind = 'locations' | 'delta' | 'points' | 'connectors';
export type ExportFormat = 'ndjson.gz' | 'geojson.gz' | 'csv.gz' | 'parquet';

export interface ManifestFile {
  readonly name: string;
  /** ISO 3166-1 alpha-3 of a country, with the quadkey of a tile behind a hyphen where it is split; null: not parted. */
  readonly partition: string | null;
  readonly kind: ExportKind;
  readonly format: ExportFormat;
  /** Of the file as it is sent, hexadecimal. */
  readonly sha256: string;
  readonly bytes: number;
  /** Locations, changes, features or rows. */
  readonly records: number;
}

/** What a version is made of. HERE section 11. */
export interface Manifest {
  readonly version: string;
  /** When its making began: nothing in it is older than this. */
  readonly generatedAt: string;
  readonly schemaVersion: string;
  readonly counts: {
    readonly locations: number;
    readonly evses: number;
    readonly connectors: number;
    readonly connectorGroups: number;
  };
  /** What the delta starts from; null: there is no delta. */
  readonly previousVersion: string | null;
  readonly files: readonly ManifestFile[];
}

/** What stands in a version's folder beside what is served. */
export const manifestName = 'manifest.json';
/** {@link Owners} of a version. */
export const ownersName = 'owners.json';
/** Id and hash of every record, sorted: what the next version is compared with. */
export const indexName = 'index.txt';

/** Party keys whose data is in the records, and whose is in what the delta starts from. */
export interface Owners {
  readonly records: readonly string[];
  readonly delta: readonly string[];
}
