/** A text as it is, under its name; JSON is laid out to be read. */
export function Verbatim({ label, text }: { label: string; text: string }) {
  return (
    <div className="not-first:mt-2">
      <p className="text-ink-3 text-xs">{label}</p>
      <pre
        className="code-text mt-1 max-h-72 overflow-auto whitespace-pre-wrap break-words"
        tabIndex={0}
      >
        {pretty(text)}
      </pre>
    </div>
  );
}

/** What fits on a line of a phone stays on one. */
const SHORT_CHARS = 40;

function pretty(text: string): string {
  try {
    const value: unknown = JSON.parse(text);
    const line = JSON.stringify(value);
    return line.length <= SHORT_CHARS ? line : JSON.stringify(value, null, 2);
  } catch {
    return text;
  }
}
