/** Bytes in decimal units, as file managers show them: "1.2 MB". */
export function fileSize(bytes: number): string {
  if (bytes < 1000) return `${bytes} B`;
  const units = ['kB', 'MB', 'GB'];
  let value = bytes;
  let unit = '';
  for (const next of units) {
    value /= 1000;
    unit = next;
    if (value < 999.5) break;
  }
  return `${value < 10 ? value.toFixed(1) : Math.round(value)} ${unit}`;
}

/** Millionths of a dollar as "$0.003". */
export function money(microDollars: number): string {
  const dollars = microDollars / 1_000_000;
  if (dollars >= 0.995) return `$${dollars.toFixed(2)}`;
  if (dollars >= 0.0005) return `$${dollars.toFixed(3)}`;
  return '<$0.001';
}

/** "12,480" by the reader's locale. */
export function count(value: number): string {
  return new Intl.NumberFormat(navigator.language).format(value);
}

/** What a budget counts: "$12.00", or "12,480 tokens". */
export function amount(value: number, unit: 'tokens' | 'money'): string {
  if (unit === 'money') return value === 0 ? '$0' : money(value);
  return `${count(value)} tokens`;
}
