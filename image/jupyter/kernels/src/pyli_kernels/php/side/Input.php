<?php

namespace Pyli;

/** The stream behind STDIN: what is read from it is asked of the user, line by line. */
final class Input
{
    private static int $asked = 0;
    /** @var resource|null set by PHP */
    public $context;
    private bool $ended = false;

    /** One line without its end, or null where there is nobody to ask. */
    public static function ask(string $prompt = ''): ?string
    {
        $id = ++self::$asked;
        Wire::send(['type' => 'input', 'id' => $id, 'prompt' => $prompt, 'password' => false]);
        return Wire::answer('input_reply', $id)['value'];
    }

    public function stream_open(string $path, string $mode): bool
    {
        return true;
    }

    public function stream_read(int $count): string
    {
        $line = self::ask();
        $this->ended = $line === null;
        return $this->ended ? '' : $line . "\n";
    }

    public function stream_eof(): bool
    {
        return $this->ended;
    }

    public function stream_stat(): array
    {
        return [];
    }

    public function stream_set_option(): bool
    {
        return false;
    }
}
