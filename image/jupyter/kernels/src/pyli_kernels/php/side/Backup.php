<?php

namespace Pyli;

/**
 * A copy of the process from before the cell, which goes on if the cell kills the process.
 *
 * Fatal errors end a PHP process, whatever is caught. So each cell is run beside a copy that does nothing but wait: a
 * fork, which shares all memory until it is written to. A cell that ends well ends its copy. Files and connections are
 * shared with the copy too: what a cell did to them stays done.
 */
final class Backup
{
    /** How often the copy looks whether it is needed, in microseconds. */
    private const LOOK = 20_000;

    private static ?int $pid = null;

    /** Returns in this process at once, and in the copy if this process dies in the cell of that id. */
    public static function make(int $cell): void
    {
        $process = getmypid();
        $copy = pcntl_fork();
        if ($copy !== 0) {
            self::$pid = $copy > 0 ? $copy : null;
            return;
        }
        // Not a pipe that breaks when the process dies: what the cell starts would hold it open.
        pcntl_signal(SIGINT, SIG_IGN);
        while (posix_getppid() === $process) {
            usleep(self::LOOK);
        }
        self::$pid = null;
        Wire::send(['type' => 'succeeded', 'pid' => getmypid(), 'id' => $cell]);
    }

    public static function drop(): void
    {
        if (self::$pid !== null) {
            posix_kill(self::$pid, SIGKILL);
            pcntl_waitpid(self::$pid, $status);
            self::$pid = null;
        }
    }

    public static function exists(): bool
    {
        return self::$pid !== null;
    }
}
