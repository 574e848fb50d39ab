/** Tests of the command. */
@NullMarked
package org.autotls.cli;

import org.jspecify.annotations.NullMarked;
