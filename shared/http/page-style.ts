/**
 * The style of every public page. Text keeps 4.5:1 against its ground and borders of controls 3:1, in light and in dark.
 * It is one line because it stands in every answer, and without `"`, `<` and `&` because it is sent as it is.
 */
export const css = [
  ":root{color-scheme:light dark;--ground:#f3f5f8;--card:#fff;--ink:#1b212b;--quiet:#566070;--edge:#7b8592;--rule:#dde2e9;--accent:#1a5fb4;--on:#fff;--wrong:#b3261e;--wrong-ground:#fdf1f0}",
  "@media(prefers-color-scheme:dark){:root{--ground:#12151a;--card:#1c2027;--ink:#eef1f5;--quiet:#aab3bf;--edge:#7d8795;--rule:#343b46;--accent:#8fbcf5;--on:#0c1b2e;--wrong:#ffb3ab;--wrong-ground:#33211f}}",
  "*{box-sizing:border-box}",
  "body{margin:0;background:var(--ground);color:var(--ink);font:1rem/1.5 system-ui,-apple-system,'Segoe UI',Roboto,sans-serif;overflow-wrap:break-word}",
  ".page{max-width:36rem;margin:0 auto;padding:1.5rem 1rem}.wide{max-width:56rem}",
  ".brand{margin:0 0 1rem;font-weight:600;color:var(--quiet)}",
  "main{background:var(--card);border:1px solid var(--rule);border-radius:.75rem;padding:1.5rem 1.25rem}",
  "@media(min-width:40rem){.page{padding-top:3rem}main{padding:2.25rem 2.5rem 2.5rem}}",
  "h1{font-size:1.75rem;line-height:1.2;letter-spacing:-.01em;margin:0 0 1rem;text-wrap:balance}h2{font-size:1.25rem;line-height:1.3;margin:0 0 .5rem}h3{font-size:1rem;margin:0 0 .25rem}",
  "p{margin:0 0 1rem}main>:last-child,form>:last-child{margin-bottom:0}a{color:var(--accent);text-underline-offset:.15em}",
  ".field{margin:0 0 1.25rem}label{display:block;font-weight:600;margin:0 0 .375rem}",
  ".hint,footer{font-size:.875rem;font-weight:400;color:var(--quiet)}",
  "input,select,textarea{font:inherit;color:inherit;background:var(--card);width:100%;min-height:2.875rem;padding:.625rem .75rem;border:1px solid var(--edge);border-radius:.5rem}",
  "textarea{display:block;min-height:8.5rem;resize:vertical}",
  ".tick{display:grid;grid-template-columns:auto 1fr;gap:0 .75rem}.tick label{font-weight:400;margin:0}.tick .wrong{grid-column:2}",
  ".tick input{width:1.5rem;height:1.5rem;min-height:0;margin:0;accent-color:var(--accent)}",
  "button{font:inherit;font-weight:600;min-height:3rem;padding:.625rem 1.75rem;border:0;border-radius:.5rem;background:var(--accent);color:var(--on);cursor:pointer}",
  "button:hover{filter:brightness(1.1)}@media(max-width:30rem){button{width:100%}}",
  ":focus-visible{outline:3px solid var(--accent);outline-offset:2px}",
  ".wrong{margin:.375rem 0 0;color:var(--wrong);font-weight:600}[aria-invalid]{border:2px solid var(--wrong)}",
  ".problems{margin:0 0 1.5rem;padding:1rem 1.25rem;border-left:4px solid var(--wrong);border-radius:.25rem;background:var(--wrong-ground)}",
  ".problems h2{font-size:1.0625rem;margin:0 0 .25rem}.problems ul{margin:0 0 .5rem;padding-left:1.25rem}.problems p{margin:0}.problems a{color:var(--wrong)}",
  ".trap{position:absolute;left:-100vw;width:1px;height:1px;overflow:hidden}",
  "footer{margin:1.5rem 0 0}",
  "code,pre{font-family:ui-monospace,Menlo,Consolas,monospace;font-size:.875em}pre{overflow:auto;max-height:32rem;padding:1rem;border:1px solid var(--rule);border-radius:.5rem;background:var(--ground)}",
  ".jump{display:flex;flex-wrap:wrap;gap:.25rem 1.25rem;list-style:none;padding:0;margin:0 0 1rem}",
  "section>article{padding:1rem 0;border-top:1px solid var(--rule)}section>h2{margin-top:1.5rem}article p{margin:0 0 .5rem}summary{cursor:pointer;color:var(--accent)}",
].join("");
