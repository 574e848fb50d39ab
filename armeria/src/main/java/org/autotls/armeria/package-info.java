/** Automatic TLS for Armeria. */
@NullMarked
package org.autotls.armeria;

import org.jspecify.annotations.NullMarked;
