// The map library starts its worker from an address written as text. Only addresses of the page's own server pass;
// for markup and script texts there is no policy, so that the browser refuses them all.
interface PolicyMaker {
  createPolicy(name: string, rules: { createScriptURL: (address: string) => string }): unknown;
}
(globalThis as { trustedTypes?: PolicyMaker }).trustedTypes?.createPolicy('default', {
  createScriptURL(address) {
    const url = new URL(address, location.href);
    if (url.origin !== location.origin) throw new TypeError(`Not a script of this server: ${url.origin}`);
    return address;
  },
});

export {};
