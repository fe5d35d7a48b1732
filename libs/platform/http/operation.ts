import { applyDecorators, Delete, Get, HttpCode, Patch, Post, Put } from '@nestjs/common';
import { RouteConfig } from '@nestjs/platform-fastify';
import type { Method } from '#contract/operation-terms.js';
import { operationOf, type OperationName } from '#contract/operations.js';

const BIND: Readonly<Record<Method, (path: string) => MethodDecorator>> = {
  GET: Get,
  POST: Post,
  PUT: Put,
  PATCH: Patch,
  DELETE: Delete,
};

/** What a route's configuration carries, so that hooks know which operation it is. */
export interface OperationRoute {
  readonly operation: OperationName;
}

/** `/v1/accounts/{account_id}` as the router writes it. */
export const routerPath = (path: string): string => path.replace(/\{(\w+)\}/g, ':$1');

/** Binds a handler to its row of the operations table: method, path and status come from there and nowhere else. */
export const Operation = (name: OperationName): MethodDecorator => {
  const { method, path, status } = operationOf(name);
  return applyDecorators(
    BIND[method](routerPath(path)),
    HttpCode(status),
    RouteConfig({ operation: name } satisfies OperationRoute),
  );
};
