/**
 * Names that a JSON object has twice at its top level; `JSON.parse` keeps the last without a word.
 *
 * @param text a document that `JSON.parse` has accepted.
 */
export function repeatedMembers(text: string): readonly string[] {
  const seen = new Set<string>();
  const repeated = new Set<string>();
  for (const name of memberNames(text)) (seen.has(name) ? repeated : seen).add(name);
  return [...repeated];
}

function memberNames(text: string): string[] {
  const names: string[] = [];
  let depth = 0;
  // A string is a name when it follows `{` or `,` of the top level.
  let atName = false;
  for (let at = 0; at < text.length; at++) {
    const character = text[at];
    if (character === '"') {
      const end = endOfString(text, at);
      if (depth === 1 && atName) names.push(String(JSON.parse(text.slice(at, end + 1))));
      atName = false;
      at = end;
    } else if (character === "{" || character === "[") atName = ++depth === 1;
    else if (character === "}" || character === "]") depth--;
    else if (character === ",") atName = depth === 1;
  }
  return names;
}

function endOfString(text: string, start: number): number {
  let at = start + 1;
  while (at < text.length && text[at] !== '"') at += text[at] === "\\" ? 2 : 1;
  return at;
}
