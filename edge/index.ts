import { createApp } from './app.ts';

export { RunObject } from './run/object.ts';

// The one default export: workerd asks for it.
export default createApp();
