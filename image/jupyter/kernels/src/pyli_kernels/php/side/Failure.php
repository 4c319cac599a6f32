<?php

namespace Pyli;

use Throwable;

/** Thrown where the user interrupts. An Error, so that a loop with `catch (Exception)` does not swallow it. */
final class Interrupted extends \Error
{
}

/** Thrown in place of `exit`: ends the cell and keeps the state. */
final class Leave extends \Error
{
    public function __construct(public readonly string|int $status = 0)
    {
        parent::__construct("exit($status)");
    }
}

/** A cell is no PHP. */
final class Unparsed extends \ParseError
{
    public function __construct(string $message, string $path, int $line)
    {
        parent::__construct($message);
        $this->file = $path;
        $this->line = $line;
    }
}

/** A function or class that exists is declared anew, otherwise: PHP can neither replace nor forget one. */
final class Redeclared extends \Error
{
    public function __construct(string $kind, string $name, string $path, int $line)
    {
        $place = $kind === 'function' ? new \ReflectionFunction($name) : new \ReflectionClass($name);
        $where = $place->getFileName() ? ' (' . Failure::place($place->getFileName(), $place->getStartLine()) . ')' : '';
        parent::__construct("$kind $name is there already$where, and PHP cannot replace it: "
            . 'choose another name, or restart the kernel');
        $this->file = $path;
        $this->line = $line;
    }
}

/** An error as the client gets it: class, message, and the lines of the cells that led to it. */
final class Failure
{
    public static function of(Throwable $error): array
    {
        $name = $error instanceof Unparsed ? 'ParseError' : $error::class;
        if (str_starts_with($name, __NAMESPACE__ . '\\')) {
            $name = substr($name, strlen(__NAMESPACE__) + 1);
        }
        $traceback = ["$name: {$error->getMessage()}", ...self::places($error)];
        for ($cause = $error->getPrevious(); $cause; $cause = $cause->getPrevious()) {
            array_push($traceback, '', 'Caused by ' . $cause::class . ": {$cause->getMessage()}", ...self::places($cause));
        }
        return self::reply($name, $error->getMessage(), $traceback);
    }

    /** @param array{type: int, message: string, file: string, line: int} $error as error_get_last() has it */
    public static function fatal(array $error): array
    {
        $message = explode("\nStack trace:", $error['message'])[0];
        $traceback = ["Fatal error: $message", self::quoted($error['file'], $error['line'])];
        return self::reply('Fatal error', $message, [...$traceback, 'The state is that from before this cell.']);
    }

    public static function reply(string $name, string $message, array $traceback): array
    {
        return ['status' => 'error', 'ename' => $name, 'evalue' => $message, 'traceback' => $traceback];
    }

    /** Where in a cell or file: "In [3], line 2". */
    public static function place(string $file, int $line): string
    {
        $name = preg_replace('~^' . Cell::SCHEME . '://(\d+)$~', 'In [$1]', $file);
        return "$name, line $line";
    }

    /** @return string[] the places of an error and its callers, the innermost cell's line quoted */
    private static function places(Throwable $error): array
    {
        $frames = [['file' => $error->getFile(), 'line' => $error->getLine()], ...$error->getTrace()];
        $frames = array_filter($frames, fn($frame) => isset($frame['file']) && !str_starts_with($frame['file'], __DIR__));
        $places = [];
        foreach ($frames as $frame) {
            $function = ($frame['class'] ?? '') . ($frame['type'] ?? '') . ($frame['function'] ?? '');
            $isTheirs = $function !== '' && !str_starts_with($function, __NAMESPACE__ . '\\');
            $place = $places ? self::place($frame['file'], $frame['line']) : self::quoted($frame['file'], $frame['line']);
            $places[] = $place . ($isTheirs ? ": $function()" : '');
        }
        return $places;
    }

    private static function quoted(string $file, int $line): string
    {
        $source = explode("\n", Cell::$sources[$file] ?? '')[$line - 1] ?? null;
        return self::place($file, $line) . ($source === null ? '' : "\n  " . trim($source));
    }
}
