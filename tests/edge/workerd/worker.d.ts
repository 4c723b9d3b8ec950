declare namespace Cloudflare {
  /** Gives `exports.default` of `cloudflare:workers` the type of our Worker. */
  interface GlobalProps {
    mainModule: typeof import('#edge/index');
  }
}
