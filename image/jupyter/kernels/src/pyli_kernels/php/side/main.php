<?php
/*
 * The PHP side: reads requests, runs cells, answers (see PROTOCOL.md). This file is run in the global scope, and so are
 * the cells, which it includes; hence it has no variables of its own but one.
 */

require __DIR__ . '/Wire.php';
require __DIR__ . '/Input.php';
require __DIR__ . '/Cell.php';
require __DIR__ . '/Uses.php';
require __DIR__ . '/Failure.php';
require __DIR__ . '/Backup.php';
require __DIR__ . '/Show.php';
require __DIR__ . '/Scope.php';
require __DIR__ . '/Complete.php';
require __DIR__ . '/Inspect.php';
require __DIR__ . '/Repl.php';
require __DIR__ . '/functions.php';

Pyli\Repl::open((int) $argv[1], (int) $argv[2]);
unset($argv, $argc, $_SERVER['argv'], $_SERVER['argc']);

while (Pyli\Repl::awaitCell()) {
    try {
        Pyli\Repl::succeed(include Pyli\Repl::$path);
    } catch (Throwable $__pyli) {
        Pyli\Repl::fail($__pyli);
    }
    unset($__pyli);
}
