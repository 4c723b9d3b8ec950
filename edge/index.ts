import { createApp } from './app.ts';

export { AddressObject } from './keys/address-object.ts';
export { KeyObject } from './keys/key-object.ts';
export { RunObject } from './run/object.ts';

// The one default export: workerd asks for it.
export default createApp();
