/** What `browser` of infra/functions.ts names, bundled for browsers: text by file name. The bundler puts it in. */
declare const browserFiles: Readonly<Record<string, string>>;
