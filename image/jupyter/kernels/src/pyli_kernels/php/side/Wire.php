<?php

namespace Pyli;

/** What is said to the kernel and heard from it: one JSON object a line, over two descriptors. */
final class Wire
{
    /** @var resource */
    private static $requests;
    /** @var resource */
    private static $replies;
    private static int $syncs = 0;

    public static function open(int $requests, int $replies): void
    {
        self::$requests = fopen("php://fd/$requests", 'r');
        self::$replies = fopen("php://fd/$replies", 'w');
    }

    /** The next message, or null once the kernel is gone. */
    public static function receive(): ?array
    {
        // A signal ends the read with nothing; that is not the end of the stream.
        do {
            $line = fgets(self::$requests);
            pcntl_signal_dispatch();
        } while ($line === false && !feof(self::$requests));
        return $line === false ? null : json_decode($line, true, 512, JSON_THROW_ON_ERROR);
    }

    /** The answer to a question. Others are what a cell that is over was waiting for. */
    public static function answer(string $type, int $id): array
    {
        do {
            $message = self::receive() ?? exit;
        } while ($message['type'] !== $type || $message['id'] !== $id);
        return $message;
    }

    public static function send(array $message): void
    {
        $flags = JSON_INVALID_UTF8_SUBSTITUTE | JSON_PARTIAL_OUTPUT_ON_ERROR | JSON_UNESCAPED_SLASHES;
        $line = json_encode($message, $flags) . "\n";
        // An interrupt must not leave half a line behind.
        pcntl_sigprocmask(SIG_BLOCK, [SIGINT], $before);
        while ($line !== '') {
            $line = substr($line, (int) fwrite(self::$replies, $line));
        }
        pcntl_sigprocmask(SIG_SETMASK, $before);
    }

    /** Returns once all that was written until now is published, so that what follows comes after it. */
    public static function sync(): void
    {
        $id = ++self::$syncs;
        self::send(['type' => 'sync', 'id' => $id]);
        self::answer('synced', $id);
    }
}
