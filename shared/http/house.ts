/** Who the pages speak for. */
export interface House {
  readonly publicName: string;
  readonly postalAddress: string;
}
