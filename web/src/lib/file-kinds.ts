const DOCUMENTS =
  'pdf docx pptx xlsx csv tsv html htm xhtml json jsonl xml txt text log md markdown';
const CODE =
  'rs py js mjs cjs jsx ts tsx go java kt swift c h cc cpp hpp cs rb php pl lua r scala sh bash ' +
  'sql css scss vue toml yaml yml ini conf tf proto graphql dockerfile makefile';

/**
 * What a file field offers first. The server reads what a file is from its content: a name that is
 * not listed can still be chosen or dropped, and is then read or refused with a reason.
 */
export const ACCEPTED_FILES = [
  'text/*',
  ...`${DOCUMENTS} ${CODE}`.split(' ').map((ending) => `.${ending}`),
].join(',');
