/** Plain tables for terminals: columns as wide as their widest cell, numbers to the right. */

/** The table as lines. Every row has as many cells as the head. */
export function formatTable(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const widths = head.map((title, column) => Math.max(title.length, ...rows.map((row) => row[column]?.length ?? 0)));
  const line = (cells: readonly string[]) =>
    cells
      .map((cell, column) => (column === 0 ? cell.padEnd(widths[column]!) : cell.padStart(widths[column]!)))
      .join('  ')
      .trimEnd();
  return [line(head), line(widths.map((width) => '─'.repeat(width))), ...rows.map(line)].join('\n');
}

/** A count as people read it: `950`, `12.3 k`, `1.85 M`. */
export function shortCount(value: number): string {
  if (value >= 999_500) return `${(value / 1e6).toFixed(2)} M`;
  return value >= 9995 ? `${(value / 1000).toFixed(1)} k` : String(Math.round(value));
}
