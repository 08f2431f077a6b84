__version__ = '0.2.0+df7eb0d0'
try:
 __import__('partysocket.presets')
except ImportError:
 pass
else:
 from .wrong import of_files
 raise of_files(__path__)
def __getattr__(name):
 if name.startswith('_'):
  raise AttributeError(name)
 home = 'hooks' if name.startswith('use_') else 'options' if name.isupper() else 'base'
 try:
  module = __import__('partysocket.' + home, None, None, (name,))
 except ImportError as e:
  from .wrong import absent
  raise absent('hooks', e)
 return getattr(module, name)
