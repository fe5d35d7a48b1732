// Lets Node run the simulation from its sources, as the tests do: `node --import ./test/simulation/typescript.mjs file.ts`.
import { register } from 'node:module';

register('./typescript-hooks.mjs', import.meta.url);
