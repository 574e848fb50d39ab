@NullMarked
package org.autotls.dns;

import org.jspecify.annotations.NullMarked;
