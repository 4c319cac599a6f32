<?php

namespace Pyli;

use Throwable;

/** Takes requests one by one, answers what needs no cell to be run, and reports what became of those that do. */
final class Repl
{
    /** What to include to run the cell. */
    public static string $path = '';

    private static int $process;
    /** The id of the cell that runs, or null. */
    private static ?int $cell = null;
    /** Given up when memory has run out, so that there is some to say so with. */
    private static ?string $reserve;

    public static function open(int $requests, int $replies): void
    {
        Wire::open($requests, $replies);
        stream_wrapper_register(Cell::SCHEME, Cell::class);
        stream_wrapper_register('pyli-input', Input::class);
        define('STDIN', fopen('pyli-input://', 'r'));
        define('STDOUT', fopen('php://stdout', 'w'));
        define('STDERR', fopen('php://stderr', 'w'));
        self::$process = getmypid();
        self::$reserve = str_repeat('.', 1 << 16);
        pcntl_async_signals(true);
        pcntl_signal(SIGINT, self::interrupt(...), false);
        set_error_handler(self::warn(...));
        register_shutdown_function(self::shutdown(...));
        Wire::send(['type' => 'ready', 'version' => PHP_VERSION]);
    }

    /** Answers requests until one is a cell. False once the kernel is gone. */
    public static function awaitCell(): bool
    {
        while ($request = Wire::receive()) {
            if ($request['type'] === 'execute') {
                if (self::begin($request)) {
                    return true;
                }
                continue;
            }
            $answer = match ($request['type']) {
                'complete' => Complete::at($request['code'], $request['cursor']),
                'inspect' => ['data' => (object) Inspect::at($request['code'], $request['cursor'])],
                'is_complete' => ['status' => Cell::completeness($request['code']), 'indent' => ''],
                default => null, // meant for a cell that is over
            };
            if ($answer) {
                Wire::send(['type' => 'reply', 'id' => $request['id'], ...$answer]);
            }
        }
        return false;
    }

    /** The cell ended with a value. A copy of a cell's own making, by pcntl_fork, ends here. */
    public static function succeed(mixed $value): void
    {
        self::finish(['status' => 'ok', ...($value === null ? [] : ['result' => Show::bundle($value)])]);
    }

    public static function fail(Throwable $error): void
    {
        if ($error instanceof Leave) {
            echo is_string($error->status) ? $error->status : '';
            if (is_string($error->status) || $error->status === 0) {
                self::finish(['status' => 'ok']);
                return;
            }
        }
        self::finish(Failure::of($error));
    }

    private static function begin(array $request): bool
    {
        try {
            self::$path = Cell::prepare($request['code'], $request['count']);
        } catch (\Error $error) {
            Wire::send(['type' => 'reply', 'id' => $request['id'], ...Failure::of($error)]);
            return false;
        }
        Backup::make($request['id']);
        if (getmypid() !== self::$process) {
            // The process died in this cell, and this is its copy.
            self::$process = getmypid();
            pcntl_signal(SIGINT, self::interrupt(...), false);
            return false;
        }
        error_clear_last();
        self::$cell = $request['id'];
        return true;
    }

    private static function finish(array $answer): void
    {
        if (getmypid() !== self::$process) {
            posix_kill(getmypid(), SIGKILL);
        }
        $cell = self::$cell;
        self::$cell = null;
        while (ob_get_level() > 0) {
            ob_end_flush();
        }
        Backup::drop();
        Wire::send(['type' => 'reply', 'id' => $cell, ...$answer]);
    }

    private static function interrupt(): void
    {
        if (self::$cell !== null && getmypid() === self::$process) {
            Wire::send(['type' => 'heeded']);
            throw new Interrupted('the cell was interrupted');
        }
    }

    /** Warnings go to standard error, in the order in which they come between the output. */
    private static function warn(int $level, string $message, string $file, int $line): bool
    {
        if (!(error_reporting() & $level)) {
            return true;
        }
        $name = match ($level) {
            E_NOTICE, E_USER_NOTICE => 'Notice',
            E_DEPRECATED, E_USER_DEPRECATED => 'Deprecated',
            E_USER_ERROR => 'Error',
            default => 'Warning',
        };
        Wire::sync();
        fwrite(STDERR, "$name: $message (" . Failure::place($file, $line) . ")\n");
        Wire::sync();
        return true;
    }

    /** The process ends in the middle of a cell: a fatal error, or exit in a file that a cell included. */
    private static function shutdown(): void
    {
        self::$reserve = null;
        if (self::$cell === null || getmypid() !== self::$process) {
            return;
        }
        $error = error_get_last();
        $isFatal = $error && $error['type'] & (E_ERROR | E_CORE_ERROR | E_COMPILE_ERROR | E_USER_ERROR | E_PARSE);
        $left = 'exit() in an included file ended the cell. The state is that from before it.';
        Wire::send(['type' => 'reply', 'id' => self::$cell, ...($isFatal ? Failure::fatal($error) : Failure::reply('Leave', $left, [$left]))]);
        if (Backup::exists()) {
            posix_kill(getmypid(), SIGKILL);
        }
    }
}
