import { ByteWriter, ParquetWriter, schemaFromColumnData } from 'hyparquet-writer';
import type { ExportFile, FinishedFile } from './export-file.js';
import { type Cell, rowColumns } from './other-forms.js';

/** Rows of a row group: so many take a few milliseconds to encode, which nothing can interrupt. */
const groupRows = 1_000;
/** Rows of a file: the directory at its end cannot be interrupted either, and grows with the number of groups. */
export const parquetRows = 50_000;
/** Columns with the least and the greatest value of each row group, by which readers skip groups. */
const ranged: ReadonlySet<string> = new Set(['location_id', 'country', 'latitude', 'longitude', 'max_power_w']);

export interface FinishedTable extends FinishedFile {
  readonly name: string;
  readonly records: number;
}

/**
 * The table of connectors as Parquet (Snappy, all columns optional): files of up to 50,000 rows, which readers take together as one
 * table. Whoever makes one calls `end` or `abandon`.
 */
export class ParquetTables {
  /** Filled anew for each row group. */
  private readonly columns = rowColumns.map(() => new Array<Cell>(groupRows));
  private waiting = 0;
  private current: ParquetTable | undefined;
  private readonly finished: FinishedTable[] = [];

  constructor(private readonly create: (name: string) => Promise<ExportFile>) {}

  /** A row in two parts. */
  async add(place: readonly Cell[], rest: readonly Cell[]): Promise<void> {
    const { columns, waiting } = this;
    for (const [at, column] of columns.entries())
      column[waiting] = (at < place.length ? place[at] : rest[at - place.length]) ?? null;
    if (++this.waiting < groupRows) return;
    await this.endGroup();
    if ((this.current?.count ?? 0) >= parquetRows) await this.endFile();
  }

  /** Writes what is left; there is one file at least. */
  async end(): Promise<readonly FinishedTable[]> {
    await this.endGroup();
    if (this.current || this.finished.length === 0) await this.endFile();
    return this.finished;
  }

  async abandon(): Promise<void> {
    await this.current?.file.abandon();
  }

  private async endGroup(): Promise<void> {
    if (this.waiting === 0) return;
    const { columns, waiting } = this;
    this.waiting = 0;
    const whole = waiting === groupRows ? columns : columns.map((column) => column.slice(0, waiting));
    await (await this.open()).write(whole, waiting);
  }

  private async endFile(): Promise<void> {
    const table = await this.open();
    this.finished.push({ name: table.name, ...(await table.end()), records: table.count });
    this.current = undefined;
  }

  private async open(): Promise<ParquetTable> {
    if (!this.current) {
      const name = `connectors-${this.finished.length + 1}.parquet`;
      this.current = new ParquetTable(name, await this.create(name));
    }
    return this.current;
  }
}

/** One file, written group by group. */
class ParquetTable {
  count = 0;
  private readonly bytes = new ByteWriter();
  private readonly writer: ParquetWriter;

  constructor(
    readonly name: string,
    readonly file: ExportFile,
  ) {
    const schema = schemaFromColumnData({ columnData: columnsOf([]) });
    this.writer = new ParquetWriter({ writer: this.bytes, schema, createdBy: 'roamhub' });
  }

  async write(columns: readonly Cell[][], rows: number): Promise<void> {
    await this.writer.write({ columnData: columnsOf(columns), rowGroupSize: rows });
    this.count += rows;
    await this.pass();
  }

  async end(): Promise<FinishedFile> {
    await this.writer.finish();
    await this.pass();
    return await this.file.finish();
  }

  private async pass(): Promise<void> {
    const { bytes } = this;
    await this.file.write(new Uint8Array(bytes.buffer, 0, bytes.index));
    bytes.index = 0;
  }
}

function columnsOf(columns: readonly Cell[][]) {
  return rowColumns.map(({ name, type }, at) => ({
    name,
    type,
    nullable: true,
    offsetIndex: false,
    statistics: ranged.has(name),
    data: columns[at] ?? [],
  }));
}
