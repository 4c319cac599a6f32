import { types as t, transformFromAstSync, transformSync } from '@babel/core'

/*
 * A cell as scripts that can be run again and again in one global scope.
 *
 * What a cell declares becomes a property of globalThis: `const a = 1` becomes `a = 1`. So it can be declared anew by
 * this cell or another one, and functions of earlier cells see what is there now. Lines stay where they are.
 */

const common = { babelrc: false, configFile: false, retainLines: true, compact: false, highlightCode: false }

/** Cells are modules in that they may import and await, and scripts in that they are not strict unless they say so. */
const parserOpts = { sourceType: 'module', strictMode: false, allowReturnOutsideFunction: true }

/** What %%babel gives: the language as Babel knows it, made into what this Node runs. */
async function presets() {
  const [env, react, decorators, doExpressions, pipeline] = await Promise.all([
    import('@babel/preset-env'),
    import('@babel/preset-react'),
    import('@babel/plugin-proposal-decorators'),
    import('@babel/plugin-proposal-do-expressions'),
    import('@babel/plugin-proposal-pipeline-operator'),
  ])
  return {
    presets: [
      [env.default, { targets: { node: 'current' }, modules: false }],
      [react.default, { runtime: 'classic' }],
    ],
    plugins: [
      [decorators.default, { version: '2023-11' }],
      doExpressions.default,
      [pipeline.default, { proposal: 'hack', topicToken: '%' }],
    ],
  }
}

/**
 * Compile a cell. Returns the names that it declares, the script of its functions (null if it has none), which is to
 * run first, and the script of all else, an async function's call, whose promise has [value] if there is a last value.
 * Throws Babel's SyntaxError, with the cell's line in `loc`.
 */
export async function compile(code, { filename, presets: wanted }) {
  const source = wanted ? transformSync(code, { ...common, filename, parserOpts, ...(await presets()) }).code : code
  const cell = { names: new Set(), functions: [] }
  const main = transformSync(source, { ...common, filename, parserOpts, plugins: [() => intoGlobals(cell)] })
  const functions = cell.functions.length > 0 && generate(cell.functions, filename)
  return { names: [...cell.names], functions: functions || null, main: `(async () => {${main.code}\n})()` }
}

function generate(statements, filename) {
  const program = t.file(t.program(statements))
  return transformFromAstSync(program, undefined, { ...common, filename, parserOpts }).code
}

/** The Babel plugin that rewrites the outermost level. */
function intoGlobals(cell) {
  return {
    visitor: {
      Program(program) {
        program.scope.crawl()
        forbidAssignments(program.scope)
        showDirective(program.node)
        program.get('body').forEach((statement) => {
          rewrite(statement, cell)
        })
        program.traverse({ VariableDeclaration: (path) => hoistVar(path, program, cell) })
        returnLast(program.node)
        program.skip()
      },
    },
  }
}

/** Constants are constant within their cell; beyond it they may be declared anew. */
function forbidAssignments(scope) {
  for (const binding of Object.values(scope.bindings)) {
    if (binding.kind !== 'const') continue
    for (const violation of binding.constantViolations) {
      if (violation.isAssignmentExpression() || violation.isUpdateExpression()) {
        const message = t.stringLiteral('Assignment to constant variable.')
        const error = t.newExpression(t.identifier('TypeError'), [message])
        const thrower = t.arrowFunctionExpression([], t.blockStatement([t.throwStatement(error)]))
        violation.replaceWith(t.callExpression(thrower, []))
      }
    }
  }
}

/** A cell that is only a string is for Babel a directive; for us it is a value to show. */
function showDirective(program) {
  const last = program.directives.at(-1)
  if (program.body.length > 0 || !last || last.value.value === 'use strict') return
  program.directives.pop()
  program.body.push(located(t.expressionStatement(t.stringLiteral(last.value.value)), last))
}

const located = (node, { loc, start, end }) => Object.assign(node, { loc, start, end })

/** The assignment that a declaration becomes. Unlike one that the user wrote it has no value to show. */
function assign(target, value, { node }) {
  const statement = t.expressionStatement(located(t.assignmentExpression('=', target, value), node))
  return Object.assign(located(statement, node), { isDeclaration: true })
}

function rewrite(path, cell) {
  const { node } = path
  if (path.isImportDeclaration()) return rewriteImport(path, cell)
  if (path.isExportNamedDeclaration() || path.isExportDefaultDeclaration()) return rewriteExport(path, cell)
  if (path.isExportAllDeclaration()) return path.remove()
  if (path.isFunctionDeclaration()) {
    cell.names.add(node.id.name)
    cell.functions.push(assign(t.identifier(node.id.name), t.toExpression(node), path))
    return path.remove()
  }
  if (path.isClassDeclaration()) {
    cell.names.add(node.id.name)
    return path.replaceWith(assign(t.identifier(node.id.name), t.toExpression(node), path))
  }
  if (path.isVariableDeclaration()) declare(path, cell)
}

/** `const { a } = b, c` becomes `({ a } = b); c = undefined`. A `var` without a value keeps what it has. */
function declare(path, cell) {
  for (const name of Object.keys(t.getBindingIdentifiers(path.node))) cell.names.add(name)
  const statements = path.node.declarations.flatMap(({ id, init }) => {
    if (!init && path.node.kind === 'var') return []
    return [assign(id, init ?? t.unaryExpression('void', t.numericLiteral(0)), path)]
  })
  path.replaceWithMultiple(statements)
}

/** A `var` within a block or a loop's head belongs to the cell as well. */
function hoistVar(path, program, cell) {
  const isOurs = path.node.kind === 'var' && path.scope.getFunctionParent() === null && path.parent !== program.node
  if (!isOurs) return
  for (const name of Object.keys(t.getBindingIdentifiers(path.node))) cell.names.add(name)
  if (path.parentPath.isForXStatement({ left: path.node })) {
    path.replaceWith(path.node.declarations[0].id)
    return
  }
  const values = path.node.declarations.filter(({ init }) => init)
  const expression = t.sequenceExpression(values.map(({ id, init }) => t.assignmentExpression('=', id, init)))
  if (path.parentPath.isForStatement({ init: path.node }))
    path.replaceWith(values.length > 0 ? expression : t.nullLiteral())
  else if (values.length > 0) path.replaceWith(located(t.expressionStatement(expression), path.node))
  else path.remove()
}

/** `import a, { b as c } from 'd'` becomes `({ default: a, b: c } = await import('d'))`. */
function rewriteImport(path, cell) {
  const { source, specifiers, attributes } = path.node
  const properties = attributes?.map(({ key, value }) => t.objectProperty(key, value)) ?? []
  const options = t.objectExpression([t.objectProperty(t.identifier('with'), t.objectExpression(properties))])
  const imported = t.callExpression(t.import(), properties.length > 0 ? [source, options] : [source])
  const module = t.awaitExpression(imported)
  const whole = specifiers.find((specifier) => t.isImportNamespaceSpecifier(specifier))
  const parts = specifiers.filter((specifier) => specifier !== whole)
  for (const { local } of specifiers) cell.names.add(local.name)
  const pattern = t.objectPattern(
    parts.map(({ local, imported }) => t.objectProperty(imported ?? t.identifier('default'), local)),
  )
  const statements = [
    ...(whole ? [assign(whole.local, module, path)] : []),
    ...(parts.length > 0 ? [assign(pattern, whole ? t.cloneNode(whole.local) : module, path)] : []),
  ]
  path.replaceWithMultiple(statements.length > 0 ? statements : [located(t.expressionStatement(module), path.node)])
}

/** A cell has nobody to export to; what is exported is declared all the same. */
function rewriteExport(path, cell) {
  const { declaration } = path.node
  if (!declaration) return path.remove()
  if (declaration.type.endsWith('Declaration') && (declaration.id || declaration.declarations)) {
    path.replaceWith(declaration)
    return rewrite(path, cell)
  }
  path.replaceWith(located(t.expressionStatement(t.toExpression(declaration)), path.node))
}

/** What a cell's last expression gives is shown. In an array, so that a promise is shown and not awaited. */
function returnLast(program) {
  const last = program.body.at(-1)
  if (!t.isExpressionStatement(last) || last.isDeclaration) return
  program.body[program.body.length - 1] = located(t.returnStatement(t.arrayExpression([last.expression])), last)
}
