// Tables as files. A cell that a spreadsheet would run as a formula is kept a text (as services/analytics/csv_text.py).
const cell = (value) => {
  let text = value == null ? '' : String(value);
  if (typeof value !== 'number' && /^([ \u00a0\ufeff]*[=+\-@|%＝＋－＠]|[\t\r\n])/.test(text)) text = `'${text}`;
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
};

export const csvOf = (head, rows) => [head, ...rows].map((row) => row.map(cell).join(',')).join('\r\n') + '\r\n';

export function download(name, text) {
  const url = URL.createObjectURL(new Blob(['\ufeff', text], { type: 'text/csv;charset=utf-8' }));
  const link = document.createElement('a');
  link.href = url;
  link.download = `${name}-${new Date().toISOString().slice(0, 10)}.csv`;
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
}
