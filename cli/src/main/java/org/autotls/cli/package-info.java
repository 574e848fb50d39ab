/** The {@code autotls} command: one class per sub-command, and the HTTP engine behind {@code web} and {@code proxy}. */
@NullMarked
package org.autotls.cli;

import org.jspecify.annotations.NullMarked;
