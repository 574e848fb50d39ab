package org.autotls.cli;

import java.io.PrintWriter;

/**
 * How far a command with many names has come: on a terminal one line that is written over, else nothing (the log has a line
 * for each).
 *
 * <p><b>Threads.</b> Safe for many threads.
 */
final class Progress implements AutoCloseable {

    /** Back to the first column, and away with what stands there. */
    static final String ERASE = "\r\u001b[K";

    private final PrintWriter out;
    private final PrintWriter err;
    private final boolean shown;
    private final int total;
    private int done;
    private int failed;

    Progress(Terminal terminal, int total) {
        this.out = terminal.out();
        this.err = terminal.err();
        this.shown = terminal.errIsTerminal() && total > 1;
        this.total = total;
        show();
    }

    /** One more is done: prints {@code line} to standard output, in place of the line of progress, which moves down. */
    synchronized void succeeded(String line) {
        done++;
        erase();
        out.println(line);
        out.flush();
        show();
    }

    synchronized void failed() {
        failed++;
        show();
    }

    /** Takes the line away. */
    @Override
    public synchronized void close() {
        erase();
    }

    private void erase() {
        if (shown) {
            err.print(ERASE);
            err.flush();
        }
    }

    private void show() {
        if (shown) {
            err.print(ERASE + done + " of " + total + " issued" + (failed == 0 ? "" : ", " + failed + " failed"));
            err.flush();
        }
    }
}
