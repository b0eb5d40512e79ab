/** The file of a form that was sent as multipart, and the form's other fields. */
export function readForm(body, contentType) {
  const boundary = /boundary=(.+)$/.exec(contentType)?.[1] ?? '';
  const form = { name: 'file', content: Buffer.alloc(0), fields: {} };
  const mark = Buffer.from(`--${boundary}`);
  let at = body.indexOf(mark);
  while (at >= 0) {
    const next = body.indexOf(mark, at + mark.length);
    if (next < 0) break;
    const part = body.subarray(at + mark.length, next);
    const end = part.indexOf('\r\n\r\n');
    const head = part.subarray(0, end).toString();
    const content = part.subarray(end + 4, part.length - 2);
    const filename = /filename="([^"]*)"/.exec(head)?.[1];
    if (filename !== undefined) Object.assign(form, { name: filename, content });
    else form.fields[/name="([^"]*)"/.exec(head)?.[1] ?? ''] = content.toString();
    at = next;
  }
  return form;
}
