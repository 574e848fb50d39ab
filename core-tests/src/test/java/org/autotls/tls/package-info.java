@NullMarked
package org.autotls.tls;

import org.jspecify.annotations.NullMarked;
