/** The bundler's `binary` loader turns these files into bytes. */
declare module "*.wasm" {
  const bytes: Uint8Array;
  export default bytes;
}

declare module "*.ttf" {
  const bytes: Uint8Array;
  export default bytes;
}
