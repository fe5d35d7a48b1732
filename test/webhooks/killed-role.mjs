// The API or the projector, which ends when whoever started it does.
process.once('disconnect', () => process.exit(1));
await import(`../../dist/apps/${process.env.ROLE}/main.js`);
