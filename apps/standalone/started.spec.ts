import { jest } from '@jest/globals';
import { Started } from './started.js';

it('what was started is stopped in the opposite order, whatever becomes of each', async () => {
  const printed: string[] = [];
  const print = (line: unknown): boolean => printed.push(String(line)) > 0;
  jest.spyOn(process.stdout, 'write').mockImplementation(print);
  jest.spyOn(process.stderr, 'write').mockImplementation(print);
  const started = new Started();
  const stopped: string[] = [];
  started.add('the database', () => void stopped.push('database'));
  started.add('the projector', () => Promise.reject(new Error('it hangs')));
  started.add('the API', () => {
    throw new Error('it is busy');
  });
  started.add('the door', () => void stopped.push('door'));
  await started.stop();
  jest.restoreAllMocks();
  expect(stopped).toEqual(['door', 'database']);
  expect(printed).toEqual([
    'Stopping the door …\n',
    'Stopping the API …\n',
    'the API did not stop cleanly: it is busy\n',
    'Stopping the projector …\n',
    'the projector did not stop cleanly: it hangs\n',
    'Stopping the database …\n',
  ]);
});
