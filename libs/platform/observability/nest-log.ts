import type { LoggerService } from '@nestjs/common';
import type { Logger } from 'pino';

/** What Nest itself has to say, where everything else is said. Its own start-up chatter is for debugging. */
export class NestLog implements LoggerService {
  constructor(private readonly logger: Logger) {}

  log(message: unknown): void {
    this.logger.debug({ nest: true }, String(message));
  }

  error(message: unknown, ...more: unknown[]): void {
    this.logger.error({ nest: true, more: more.filter((item) => typeof item === 'string') }, String(message));
  }

  warn(message: unknown): void {
    this.logger.warn({ nest: true }, String(message));
  }

  debug(message: unknown): void {
    this.logger.debug({ nest: true }, String(message));
  }

  verbose(message: unknown): void {
    this.logger.trace({ nest: true }, String(message));
  }

  fatal(message: unknown): void {
    this.logger.fatal({ nest: true }, String(message));
  }
}
