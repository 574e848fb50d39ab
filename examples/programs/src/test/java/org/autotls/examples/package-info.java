@NullMarked
package org.autotls.examples;

import org.jspecify.annotations.NullMarked;
