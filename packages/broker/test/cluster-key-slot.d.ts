/** The package has no types of its own. */
declare module "cluster-key-slot" {
  function slotOf(key: string): number;
  export = slotOf;
}
